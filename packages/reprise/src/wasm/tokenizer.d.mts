// Types of the module that the build puts here in dist/.
import type { CoreModule, CoreModuleOptions } from '../engine/core-module.js';

export default function create(options: CoreModuleOptions): Promise<CoreModule>;
