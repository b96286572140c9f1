// The script of the main entry's worker.
import { MainEngine } from './engine/main-engine.js';
import { serveEngine } from './worker-port.js';

serveEngine(MainEngine);
