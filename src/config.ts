import { isIP, isIPv4 } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { accountName } from './core/ids.js';
import { type CrashPoint, crashPoints } from './core/ports/index.js';
import { reservedNames } from './http/dialect-of.js';
import { kubernetesSettingsOf, kubernetesShape } from './kubernetes-settings.js';
import type { KubernetesSettings } from './runner/kubernetes/settings.js';

/** A setting that is wrong. The message is one line, names the setting, and shows no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item));

const isHostName = (text: string) => isIP(text) !== 0 || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(text);
const hostName = z
  .string()
  .refine(isHostName, 'must be host names or addresses, without scheme and port')
  .transform((text) => text.toLowerCase());

function isHttpAddress(text: string): boolean {
  if (!/^https?:\/\/[^?#@]+$/.test(text) || !URL.canParse(text)) return false;
  return isHostName(new URL(text).hostname.replace(/^\[|\]$/g, ''));
}

const httpAddress = z
  .string()
  .refine(
    isHttpAddress,
    'must be an address like http://franca.example:5050, without user, query and fragment',
  )
  .transform((text) => text.replace(/\/+$/, ''));

const origin = z
  .string()
  .refine(
    (text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    'must be origins like https://ui.example.org',
  );

const account = z
  .string()
  .regex(accountName, 'must be 1 to 64 characters of a-z, A-Z, 0-9, _ and -')
  .refine((name) => !reservedNames.has(name.toLowerCase()), 'is a word of an API, and so cannot be a name');

const crash = z
  .string()
  .regex(/^[\w.]+(:[1-9]\d{0,5})?$/, 'must be a crash point, or one with :n')
  .transform((text) => text.split(':'))
  .transform(([point, pass = '1']) => ({ point, pass: Number(pass) }))
  .refine(({ point }) => crashPoints.some((known) => known === point), 'must name a crash point')
  .transform(({ point, pass }) => ({ point: point as CrashPoint, pass }));

/**
 * Every setting, by its name in the program: `allowedHosts` is FRANCA_ALLOWED_HOSTS and
 * `--allowed-hosts`. Input is text; descriptions and defaults make the help and the table in the README.
 */
export const settingsSchema = z.object({
  host: hostName.prefault('127.0.0.1').describe('Address to listen on'),
  port: wholeNumber(1, 65_535).prefault('5050').describe('Port to listen on'),
  url: httpAddress.optional().describe('Public address, for links (default: from host and port)'),
  jobUrl: httpAddress.optional().describe('Address by which jobs reach Franca (default: the public address)'),
  allowedHosts: list(hostName)
    .optional()
    .describe(
      'Host names that requests may name, by commas, beside those of the two addresses; IP addresses always may (default: localhost)',
    ),
  allowedOrigins: list(origin)
    .optional()
    .describe('Foreign origins whose pages may call, by commas (default: none)'),
  data: z.string().prefault('./franca-data').describe('Folder of the database, logs and work of jobs'),
  db: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, 'must begin with postgres://')
    .optional()
    .describe('Database, postgres://… (default: SQLite in the data folder)'),
  auth: z
    .enum(['none', 'token'], 'must be none or token')
    .optional()
    .describe(
      'none: everybody acts as the user; token: every request needs one (default: none on a loopback host, else token)',
    ),
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,512}$/, 'must be visible ASCII without blanks')
    .optional()
    .describe('A token of the user; better set by the environment than by a flag (default: none)'),
  user: account.prefault('root').describe('The superuser that acts where no token is needed'),
  workspace: account
    .optional()
    .describe('Workspace of the dialects that know none (default: the user’s own)'),
  runner: z
    .enum(['local', 'kubernetes'], 'must be local or kubernetes')
    .prefault('local')
    .describe('Where jobs run: as processes of this machine, or as pods of a cluster'),
  localSlots: wholeNumber(0, 100_000)
    .optional()
    .describe('Jobs of the local runner at once; 0 starts none (default: number of cores)'),
  localServices: wholeNumber(0, 1000)
    .prefault('4')
    .describe('Programs beside runs, such as TensorBoard, at once; they take no slots'),
  ...kubernetesShape,
  shutdownSeconds: wholeNumber(0, 3_600).prefault('5').describe('Seconds that a stop may take'),
  logLevel: z
    .enum(
      ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
      'must be silent, fatal, error, warn, info, debug or trace',
    )
    .prefault('info')
    .describe('Least level of what is logged to stderr'),
  testCrash: crash.optional().describe('For tests of faults: kill the process at a named point'),
  testClock: z
    .string()
    .optional()
    .describe('For tests of faults: file that says by how many milliseconds the clock is ahead'),
});

/** The name of a setting in the program. */
export type SettingName = keyof typeof settingsSchema.shape;

/** Settings that exist for tests alone and are shown nowhere. */
export const hiddenSettings: ReadonlySet<SettingName> = new Set(['testCrash', 'testClock']);

/** The names of all settings, in the order of the help. */
export const settingNames = Object.keys(settingsSchema.shape) as readonly SettingName[];

/** A setting's environment variable: `jobUrl` is FRANCA_JOB_URL. */
export function variableOf(name: SettingName): string {
  return `FRANCA_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** A setting's flag: `jobUrl` is `--job-url`. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, '-$&').toLowerCase()}`;
}

/** What help and tables say of a setting: its description, and its default where that is a plain value. */
export function describeSetting(name: SettingName): { description: string; standard: string | null } {
  const schema: z.ZodType = settingsSchema.shape[name];
  const standard: unknown = schema.safeParse(undefined).data;
  return {
    description: schema.description ?? '',
    standard: standard === undefined ? null : String(standard),
  };
}

/** All settings, checked, with what depends on others filled in. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash, as `jobUrl`. */
  readonly url: string;
  readonly jobUrl: string;
  /** Lower case, with the names of both addresses. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Absolute. */
  readonly dataFolder: string;
  /** null for SQLite in the data folder. */
  readonly databaseUrl: string | null;
  readonly authRequired: boolean;
  readonly token: string | null;
  readonly user: string;
  readonly workspace: string;
  readonly runner: 'local' | 'kubernetes';
  /** null for another runner. */
  readonly kubernetes: KubernetesSettings | null;
  readonly localSlots: number;
  readonly localServices: number;
  readonly shutdownSeconds: number;
  readonly logLevel: string;
  /** What of the process's environment jobs may have: where programs are, and the language. */
  readonly inherited: { readonly PATH: string | undefined; readonly LANG: string | undefined };
  readonly crash: { readonly point: CrashPoint; readonly pass: number } | null;
  /** Absolute; null where the clock is the system's own. */
  readonly clockFile: string | null;
}

/** Values of flags by setting; a flag that was not given is missing. */
export type Flags = Readonly<Partial<Record<SettingName, string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

function parseSettings(flags: Flags, environment: Environment): z.output<typeof settingsSchema> {
  const fromFlag = new Set(settingNames.filter((name) => flags[name] !== undefined));
  const given = settingNames.map((name) => [
    name,
    (flags[name] ?? environment[variableOf(name)]) || undefined,
  ]);
  const result = settingsSchema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = issue?.path[0] as SettingName;
  const spelled = fromFlag.has(name) ? `${flagOf(name)} (${variableOf(name)})` : variableOf(name);
  throw new ConfigError(`${spelled} ${issue?.message ?? 'is wrong'}`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** The address by which this machine reaches a listening address. */
function ownAddress(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}`;
}

function mustBeLoopback(host: string, setting: string): void {
  if (isLoopback(host)) return;
  throw new ConfigError(
    `${setting} is refused while FRANCA_HOST is ${host}: whoever reaches that address could run commands here; ` +
      'use FRANCA_AUTH=token, or FRANCA_HOST=127.0.0.1',
  );
}

function mustReachPods(jobUrl: string): void {
  if (!isLoopback(new URL(jobUrl).hostname.replace(/^\[|\]$/g, ''))) return;
  throw new ConfigError(
    `FRANCA_JOB_URL must be an address that pods reach with FRANCA_RUNNER=kubernetes; ${jobUrl} is the pod itself there`,
  );
}

/**
 * The settings of flags and environment variables; a flag wins, an empty value counts as none. The only
 * reader of the process's environment.
 *
 * @throws ConfigError for the first wrong setting.
 */
export function loadConfig(flags: Flags = {}, environment: Environment = process.env): Config {
  const settings = parseSettings(flags, environment);
  const { host, port, user } = settings;
  if (settings.auth === 'none') mustBeLoopback(host, 'FRANCA_AUTH=none');
  if (settings.testCrash !== undefined) mustBeLoopback(host, 'FRANCA_TEST_CRASH');
  if (settings.testClock !== undefined) mustBeLoopback(host, 'FRANCA_TEST_CLOCK');
  const url = settings.url ?? ownAddress(host, port);
  const jobUrl = settings.jobUrl ?? url;
  if (settings.runner === 'kubernetes') mustReachPods(jobUrl);
  const ownNames = [url, jobUrl].map((address) => new URL(address).hostname.toLowerCase());
  return {
    host,
    port,
    url,
    jobUrl,
    allowedHosts: [...new Set([...(settings.allowedHosts ?? ['localhost']), ...ownNames])],
    allowedOrigins: settings.allowedOrigins ?? [],
    dataFolder: resolve(settings.data),
    databaseUrl: settings.db ?? null,
    authRequired: (settings.auth ?? (isLoopback(host) ? 'none' : 'token')) === 'token',
    token: settings.token ?? null,
    user,
    workspace: settings.workspace ?? user,
    runner: settings.runner,
    kubernetes: settings.runner === 'kubernetes' ? kubernetesSettingsOf(settings) : null,
    localSlots: settings.localSlots ?? availableParallelism(),
    localServices: settings.localServices,
    shutdownSeconds: settings.shutdownSeconds,
    logLevel: settings.logLevel,
    inherited: { PATH: environment.PATH, LANG: environment.LANG },
    crash: settings.testCrash ?? null,
    clockFile: settings.testClock === undefined ? null : resolve(settings.testClock),
  };
}
