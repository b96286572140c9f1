// The script of the worker of reprise/tokenizer.
import { TokenizerEngine } from './engine/tokenizer-engine.js';
import { serveEngine } from './worker-port.js';

serveEngine(TokenizerEngine);
