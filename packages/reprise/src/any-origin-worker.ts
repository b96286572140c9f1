// Workers whose script lies on another origin. A worker's script must be of the origin of whoever
// starts it, so a script of that origin imports the other's.

/** A constructor of workers that takes scripts of every origin that allows it (CORS). */
export function anyOriginWorker(Base: typeof Worker): typeof Worker {
  return class extends Base {
    constructor(script: string | URL, options?: WorkerOptions) {
      super(ofOwnOrigin(new URL(script, globalThis.location.href), options?.type), options);
    }
  };
}

function ofOwnOrigin(script: URL, type: WorkerType | undefined): URL | string {
  if (script.origin === globalThis.origin) return script;
  const address = JSON.stringify(script.href);
  const text = type === 'module' ? `import ${address};` : `importScripts(${address});`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}
