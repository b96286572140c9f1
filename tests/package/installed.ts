// The package as a user gets it: packed to a tarball and installed into an empty folder, with
// nothing of this repository around it.
import { execFile } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const packageFolder = fileURLToPath(new URL('../../packages/reprise', import.meta.url));
const run = promisify(execFile);

/** What was packed, and the folder into which it was installed. */
export interface Installed {
  /** A new folder with package.json and node_modules/reprise; the caller removes it. */
  readonly folder: string;
  /** Paths in the tarball, sorted. */
  readonly files: readonly string[];
  readonly tarballBytes: number;
}

/** Packs packages/reprise, which has to be built, and installs the tarball without a network. */
export async function installTarball(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'reprise-installed-'));
  const packed = join(folder, 'packed');
  await mkdir(packed);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', packed], {
    cwd: packageFolder,
  });
  const [tarball] = JSON.parse(stdout) as {
    filename: string;
    size: number;
    files: { path: string }[];
  }[];
  if (tarball === undefined) throw new Error(`npm pack said ${stdout}`);
  await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
  const install = ['install', '--offline', '--no-audit', '--no-fund'];
  await run('npm', [...install, join(packed, tarball.filename)], { cwd: folder });
  return {
    folder,
    files: tarball.files.map(({ path }) => path).sort(),
    tarballBytes: tarball.size,
  };
}

/** Puts apache-arrow beside the package, as whoever makes tables installs it, until that is disposed
 * of. */
export function addArrow(folder: string): Disposable {
  const place = join(folder, 'node_modules/apache-arrow');
  symlinkSync(dirname(createRequire(import.meta.url).resolve('apache-arrow')), place);
  return { [Symbol.dispose]: () => rmSync(place) };
}
