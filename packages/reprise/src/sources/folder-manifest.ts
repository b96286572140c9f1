// A folder's manifest.json, and what is held against it.
import type { Client } from '../client.js';
import type { Calls, FileHashes } from '../protocol.js';
import type { Folder } from './folder.js';
import { type Listeners, readWhole } from './reading.js';

export const manifestName = 'manifest.json';

/** A manifest that the core has read. Its handle is released by whoever opened it. */
export class FolderManifest {
  readonly handle: number;
  readonly files: Calls['manifestRead']['value']['files'];
  readonly #client: Client;

  private constructor(client: Client, { handle, files }: Calls['manifestRead']['value']) {
    this.#client = client;
    this.handle = handle;
    this.files = files;
  }

  /** The folder's; undefined where it has none. Errors: those of reading, `invalid_config`. */
  static async open(
    client: Client, folder: Folder, listeners: Listeners,
  ): Promise<FolderManifest | undefined> {
    const file = await folder.openIfThere(manifestName, 'JSON');
    if (file === undefined) return undefined;
    return FolderManifest.read(client, await readWhole(file, listeners), file.name);
  }

  /** Of a manifest's text; `file` is its name in errors. */
  static async read(client: Client, json: Uint8Array, file: string): Promise<FolderManifest> {
    return new FolderManifest(client, await client.call('manifestRead', { json, file }));
  }

  /** The hash that the manifest has for a file. */
  hashOf(name: string): string | undefined {
    return this.files.find((file) => file.name === name)?.sha256;
  }

  /** Errors: `hash_mismatch`, also for a file that the manifest does not list. */
  async check(name: string, hashes: FileHashes): Promise<void> {
    await this.#client.call('manifestCheck', { manifest: this.handle, name, hashes });
  }
}
