import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { isAbsolute, join } from 'node:path';
import type { ArtifactRoot } from '../../core/artifact-path.js';
import type { OutputsLink, ServiceHost } from '../../core/ports/services.js';
import { defaultPath } from './job-environment.js';

/** What a host of services on this machine needs. */
export interface LocalServiceHostOptions {
  readonly limit: number;
  /** The PATH that jobs get; a plain one without it. */
  readonly path: string | undefined;
  /** The store of artifacts, which must be on this machine. */
  readonly artifacts: { link(root: ArtifactRoot, links: readonly OutputsLink[]): Promise<void> };
}

/** How long a program of this machine may take to accept a connection. */
const connectMillis = 1000;

/** Services as processes of this machine, beside the jobs of the local runner. */
export function createLocalServiceHost({ limit, path, artifacts }: LocalServiceHostOptions): ServiceHost {
  return {
    limit,
    async hasProgram(name) {
      const folders = (path ?? defaultPath).split(':').filter(isAbsolute);
      for (const folder of folders) if (await isProgram(join(folder, name))) return true;
      return false;
    },
    link: (root, links) => artifacts.link(root, links),
    listens: (port) => accepts(port),
  };
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: connectMillis });
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => tell(true));
    socket.once('error', () => tell(false));
    socket.once('timeout', () => tell(false));
  });
}
