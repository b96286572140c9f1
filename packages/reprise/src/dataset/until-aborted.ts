// Ends a wait for what does not come.
import { abortedError } from '../errors.js';

/** What comes, until an abort, which also ends the wait for what does not come. */
export async function* untilAborted<T>(
  all: AsyncIterable<T>, signal: AbortSignal | undefined, what: string,
): AsyncGenerator<T> {
  const iterator = all[Symbol.asyncIterator]();
  let interrupt: (() => void) | undefined;
  let isWaiting = false;
  const abort = () => interrupt?.();
  signal?.addEventListener('abort', abort);
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = () => reject(abortedError(what));
        if (signal?.aborted === true) {
          interrupt();
          return;
        }
        isWaiting = true;
        iterator.next().then(resolve, reject);
      });
      isWaiting = false;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    const closed = iterator.return?.();
    // What is waited for may never answer.
    if (isWaiting) closed?.catch(() => undefined);
    else await closed;
  }
}
