import type { Config } from '../config.js';
import { invalid } from '../core/errors.js';
import { microsFromMillis } from '../core/time.js';
import { reservedNames } from '../http/dialect-of.js';
import { addUser, type NewUser } from '../services/accounts/add-user.js';
import { bootstrap } from '../services/accounts/bootstrap.js';
import { createToken } from '../services/accounts/create-token.js';
import type { Ports } from '../services/context.js';
import { migrateStore } from '../store/open.js';
import { acquireServerLock } from '../store/server-lock.js';
import { prepareDataFolder } from './data-folder.js';
import { nobodyToWake, openPorts } from './open-ports.js';

const millisPerDay = 24 * 60 * 60 * 1000;

async function withPorts<T>(config: Config, work: (ports: Ports) => Promise<T>): Promise<T> {
  const open = await openPorts(config, nobodyToWake);
  try {
    await bootstrap(open.ports, { user: config.user, workspace: config.workspace });
    return await work(open.ports);
  } finally {
    await open.close();
  }
}

/** `franca db migrate`: brings the schema up to date, while no server runs; gives the names of what it applied. */
export async function migrateDatabase(config: Config): Promise<readonly string[]> {
  prepareDataFolder(config.dataFolder);
  const lock = acquireServerLock(config.dataFolder);
  try {
    return await migrateStore({ dataFolder: config.dataFolder, url: config.databaseUrl });
  } finally {
    lock.release();
  }
}

/** `franca user add`. Rejects CoreError `invalid` for a word that stands in an API's paths where an owner's name does. */
export async function addNewUser(config: Config, user: Omit<NewUser, 'workspace'>): Promise<void> {
  if (reservedNames.has(user.name.toLowerCase()))
    throw invalid('name', `${user.name} is a word of an API, and so cannot be a name`);
  await withPorts(config, (ports) => addUser(ports, { ...user, workspace: config.workspace }));
}

/** What `franca token create` asks for. */
export interface TokenRequest {
  readonly user: string;
  readonly label: string | null;
  readonly expiresDays: number | null;
}

/** `franca token create`: gives the secret, which is stored nowhere. */
export async function createNewToken(config: Config, request: TokenRequest): Promise<string> {
  const { user, label, expiresDays } = request;
  return withPorts(config, async (ports) => {
    const life = expiresDays === null ? null : microsFromMillis(expiresDays * millisPerDay);
    const expiresAt = life === null ? null : ports.clock.now() + life;
    return (await createToken(ports, { user, label, expiresAt })).secret;
  });
}
