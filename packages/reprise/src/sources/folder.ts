// A Hugging Face folder: an address, a path, or its files by name.
import { RepriseError, repriseError } from '../errors.js';
import { refuse } from '../options.js';
import type { FileSource, FolderSource } from '../types/sources.js';
import { absoluteUrl, inFolder } from './addresses.js';
import { type Expected, type OpenFile, openFile, type Request } from './files.js';

/** A folder whose files are opened by name. */
export class Folder {
  readonly #find: (name: string) => FileSource | undefined;
  readonly #request: Request;
  /** What it is in messages. */
  readonly words: string;
  /** What was looked for and is not there, as Verification has it. */
  readonly absent: Record<string, { status?: number }> = {};

  private constructor(
    words: string, find: (name: string) => FileSource | undefined, request: Request,
  ) {
    this.words = words;
    this.#find = find;
    this.#request = request;
  }

  /** Takes a source as a folder. Errors: `invalid_argument`. */
  static async of(source: FolderSource, request: Request): Promise<Folder> {
    if (typeof source === 'string' || source instanceof URL) {
      const url = await absoluteUrl(source, 'folder');
      return new Folder(String(source), (name) => inFolder(url, name), request);
    }
    if (typeof source !== 'object' || source === null || source instanceof Blob ||
        ArrayBuffer.isView(source) || source instanceof ArrayBuffer) {
      throw refuse('folder', 'an address, a path, or files by name', source);
    }
    if (Symbol.iterator in source) return Folder.#ofFiles([...source], request);
    const files = new Map(Object.entries(source));
    return new Folder('the given files', (name) => files.get(name), request);
  }

  /** Files that were picked or dropped: those beside the topmost config.json. */
  static #ofFiles(files: readonly File[], request: Request): Folder {
    const pathOf = (file: File) => file.webkitRelativePath || file.name;
    for (const file of files) {
      if (!(file instanceof Blob)) throw refuse('folder', 'a list of File objects', file);
    }
    const depth = (path: string) => path.split('/').length;
    const configs = files.map(pathOf).filter((path) => /(^|\/)config\.json$/.test(path))
      .sort((one, other) => depth(one) - depth(other));
    const prefix = (configs[0] ?? '').replace(/config\.json$/, '');
    const byPath = new Map(files.map((file) => [pathOf(file), file]));
    return new Folder('the given files', (name) => byPath.get(prefix + name), request);
  }

  /** Opens a file of the folder. Errors: `not_found`, and those of reading. */
  async open(name: string, expected: Expected): Promise<OpenFile> {
    const source = this.#find(name);
    if (source === undefined) {
      throw repriseError('not_found', `${this.words} hold no ${name}.`, { file: name });
    }
    return openFile(source, name, expected, this.#request);
  }

  /** What a server answered for a file that counts as absent. */
  statusOf(name: string): number | undefined {
    const isIt = ([file]: [string, unknown]) => `/${file.split('?')[0]}`.endsWith(`/${name}`);
    return Object.entries(this.absent).find(isIt)?.[1].status;
  }

  /** Opens a file that may be absent. 403 counts as absent: hosts that list no folders, such as S3,
   * answer so for what is not there. */
  async openIfThere(name: string, expected: Expected): Promise<OpenFile | undefined> {
    try {
      return await this.open(name, expected);
    } catch (thrown) {
      if (!(thrown instanceof RepriseError)) throw thrown;
      const { code, status, file = name } = thrown;
      if (code !== 'not_found' && status !== 403) throw thrown;
      this.absent[file] = status === undefined ? {} : { status };
      return undefined;
    }
  }
}
