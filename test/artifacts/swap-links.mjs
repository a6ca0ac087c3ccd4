// Puts a link in the place of a folder and the folder back, as fast as it can: `node swap-links.mjs <folder> <link target>`.
import { renameSync, rmSync, symlinkSync } from 'node:fs';

const [folder, target] = process.argv.slice(2);
process.stdout.write('ready\n');
for (;;) {
  renameSync(folder, `${folder}.aside`);
  try {
    symlinkSync(target, folder);
  } catch {
    // The store has made the folder anew for a file that it writes.
  }
  for (;;) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    try {
      renameSync(`${folder}.aside`, folder);
      break;
    } catch {
      // And once more, between the two.
    }
  }
}
