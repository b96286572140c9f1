// Types of serve.mjs.
export interface ServeOptions {
  folder: string;
  /** 0, the default, takes a free one. */
  port?: number;
  host?: string;
  /** The path below which the folder is mounted, such as /demo/. */
  base?: string;
  /** Send COOP and COEP. */
  isolated?: boolean;
  /** Let pages of other origins read the files. */
  cors?: boolean;
}
export interface Server {
  readonly url: string;
  close(): Promise<void>;
}
export function serve(options: ServeOptions): Promise<Server>;
