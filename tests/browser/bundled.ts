// The package as the user of a bundler has it: the installed tarball in a page that Vite bundles.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

import { addArrow, installTarball } from '../package/installed.js';

/** What is around a bundled page. */
export interface Surroundings {
  /** A path in the installed package, whose files are put beside the page. */
  readonly publicFolder?: string;
  /** Whether apache-arrow is installed. */
  readonly hasArrow?: boolean;
}

/** Bundles a page whose script is `main` into dist/ of a new folder, which the caller removes. */
export async function bundlePage(
  main: string, { publicFolder, hasArrow = false }: Surroundings = {},
): Promise<string> {
  const { folder } = await installTarball();
  if (hasArrow) addArrow(folder);
  writeFileSync(join(folder, 'main.js'), main);
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  );
  const none = join(folder, 'none');
  mkdirSync(none);
  await build({
    root: folder,
    configFile: false,
    base: './',
    logLevel: 'warn',
    publicDir:
      publicFolder === undefined ? none : join(folder, 'node_modules/reprise', publicFolder),
    build: { target: 'es2022' },
    worker: { format: 'es' },
  });
  return folder;
}
