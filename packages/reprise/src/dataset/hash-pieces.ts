// SHA-256 of bytes that come in pieces.
import { mainRuntime } from '../main-runtime.js';
import type { Piece } from '../sources/files.js';

/** SHA-256 of pieces one behind the other, 64 lower-case hexadecimal digits; of digests of rows it is the
 * rows' hash. The pieces are given away. */
export async function hashOfPieces(pieces: Iterable<Piece> | AsyncIterable<Piece>): Promise<string> {
  const { client } = await mainRuntime.get();
  const hash = await client.call('hashBegin', { parts: 'whole' });
  try {
    for await (const bytes of pieces) {
      await client.call('hashPush', { hash, bytes }, { transfer: [bytes.buffer] });
    }
    return (await client.call('hashEnd', { hash })).sha256 as string;
  } catch (thrown) {
    await client.call('hashDrop', { hash });
    throw thrown;
  }
}
