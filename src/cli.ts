import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { TokenRequest } from './commands/admin.js';
import {
  type Config,
  describeSetting,
  type Flags,
  flagOf,
  hiddenSettings,
  loadConfig,
  type SettingName,
  settingNames,
  variableOf,
} from './config.js';
import { accountName } from './core/ids.js';
import type { NewUser } from './services/accounts/add-user.js';

/** What the commands do; given by main.ts. */
export interface CliActions {
  serve(config: Config): Promise<void>;
  migrate(config: Config): Promise<readonly string[]>;
  addUser(config: Config, user: Omit<NewUser, 'workspace'>): Promise<void>;
  /** Gives the secret. */
  createToken(config: Config, request: TokenRequest): Promise<string>;
  /** Gives the text of one document, by dialect or `gateway`. */
  openapi(name: string): Promise<string>;
  /** Writes all documents into a folder and gives the files' names. */
  writeOpenapi(folder: string): Promise<readonly string[]>;
}

/** Where the program writes what the user asked for. */
export type Print = (text: string) => void;

function optionOf(name: SettingName): Option {
  const { description, standard } = describeSetting(name);
  const inEnvironment =
    standard === null ? `[${variableOf(name)}]` : `[${variableOf(name)}, default ${standard}]`;
  const option = new Option(`${flagOf(name)} <value>`, `${description} ${inEnvironment}`);
  return hiddenSettings.has(name) ? option.hideHelp() : option;
}

/** The settings that a command needs to find the data. */
const dataSettings: readonly SettingName[] = ['data', 'db', 'user', 'workspace'];

function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) command.addOption(optionOf(name));
  return command;
}

function name(text: string): string {
  if (accountName.test(text)) return text;
  throw new InvalidArgumentError('must be 1 to 64 characters of a-z, A-Z, 0-9, _ and -');
}

function days(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number from 0 to 99999');
}

function addServe(program: Command, actions: CliActions): void {
  withSettings(program.command('serve'), settingNames)
    .description('Start the server. Each flag wins over its environment variable.')
    .action((flags: Flags) => actions.serve(loadConfig(flags)));
}

function addDatabase(program: Command, actions: CliActions, print: Print): void {
  const database = program.command('db').description('Look after the database.');
  withSettings(database.command('migrate'), ['data', 'db'])
    .description('Bring the schema up to date. The server does so on start; it must not run meanwhile.')
    .action(async (flags: Flags) => {
      const applied = await actions.migrate(loadConfig(flags));
      print(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.join(', ')}`);
    });
}

function addUsers(program: Command, actions: CliActions, print: Print): void {
  const users = program.command('user').description('Look after users.');
  withSettings(users.command('add'), dataSettings)
    .description('Add a user, with a workspace of its own.')
    .argument('<name>', 'name of the user', name)
    .addOption(
      new Option('--role <role>', 'role in the shared workspace (default: writer)').choices([
        'reader',
        'writer',
        'none',
      ]),
    )
    .option('--superuser', 'may do everything everywhere')
    .action(async (user: string, flags: Flags & { role?: NewUser['role']; superuser?: boolean }) => {
      const { role = 'writer', superuser = false } = flags;
      await actions.addUser(loadConfig(flags), { name: user, role, superuser });
      print(`Added the user ${user}.`);
    });
}

function addTokens(program: Command, actions: CliActions, print: Print): void {
  const tokens = program.command('token').description('Look after tokens.');
  withSettings(tokens.command('create'), ['data', 'db', 'workspace'])
    .description('Create a token and print it. It is shown here and never again.')
    .requiredOption('--user <name>', 'whose token it is', name)
    .option('--label <text>', 'what it is for')
    .option('--expires-days <days>', 'days until it ends (default: never)', days)
    .action(async (flags: Flags & { user: string; label?: string; expiresDays?: number }) => {
      const { user, label = null, expiresDays = null, ...settings } = flags;
      print(await actions.createToken(loadConfig(settings), { user, label, expiresDays }));
    });
}

function addOpenapi(program: Command, actions: CliActions, print: Print): void {
  program
    .command('openapi')
    .description('Print the OpenAPI document of a dialect, or of all with `gateway`; or write all of them.')
    .argument('[dialect]', 'name of the dialect', 'gateway')
    .option('--write <folder>', 'write every document into this folder')
    .action(async (dialect: string, { write }: { write?: string }) => {
      if (write === undefined) print((await actions.openapi(dialect)).trimEnd());
      else print((await actions.writeOpenapi(write)).join('\n'));
    });
}

/** The program `franca`. `run` gives its exit code: 0, or 2 for a wrong command line. It rejects with what an action rejects with. */
export function createCli(
  actions: CliActions,
  version: string,
  print: Print,
): { run(argv: readonly string[]): Promise<number> } {
  const program = new Command('franca')
    .description('One experiment server that speaks the APIs of several platforms.')
    .version(version)
    .showSuggestionAfterError(false)
    .exitOverride();
  addServe(program, actions);
  addDatabase(program, actions, print);
  addUsers(program, actions, print);
  addTokens(program, actions, print);
  addOpenapi(program, actions, print);
  return {
    async run(argv) {
      try {
        await program.parseAsync(argv, { from: 'user' });
        return 0;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        return error.exitCode === 0 ? 0 : 2;
      }
    },
  };
}
