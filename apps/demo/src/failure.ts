// Errors in words: what happened, where, and what helps.
import { RepriseError, type RepriseErrorCode } from 'reprise';

import { page } from './page.js';
import { ControlError, markInvalid } from './sampling.js';

const titles: Readonly<Record<RepriseErrorCode, string>> = {
  invalid_argument: 'A setting is out of its range',
  invalid_data: 'The data is not as it must be',
  invalid_json: 'A file is not valid JSON',
  invalid_config: "The model's config.json is not usable",
  unsupported: 'This model asks for something that Reprise does not do yet',
  invalid_safetensors: 'The weights file is damaged',
  missing_tensor: 'The weights lack a part of the model',
  unexpected_tensor: 'The weights hold something that the model does not have',
  shape_mismatch: 'A part of the weights has another shape than the model',
  dtype_mismatch: 'A part of the weights has a type that is not supported',
  invalid_tokenizer: 'The tokenizer file is not usable',
  token_out_of_range: "A token is outside the model's vocabulary",
  context_overflow: "The prompt is longer than the model's context",
  out_of_memory: 'There is not enough memory',
  not_found: 'A file is not there',
  network: 'The address did not give the file',
  cors: 'The other server does not let this page read its files',
  aborted: 'Stopped',
  busy: 'The model is busy',
  disposed: 'The model was put away',
  device_unavailable: 'The device asked for is not here',
  device_lost: 'The GPU went away during the work',
  hash_mismatch: 'A file is not the one that was promised',
  poisoned: 'The runtime failed earlier; reload the page',
  io: 'A file could not be read',
  internal: 'Something inside Reprise went wrong',
};

type Advice = Partial<Record<RepriseErrorCode, string>>;

const advice: Advice = {
  internal: 'Please report it with the text above.',
};

/** What helps where a model was asked for. */
const modelAdvice: Advice = {
  ...advice,
  cors: 'It must send Access-Control-Allow-Origin; or download the files and drop them here.',
  network: 'Check the address: it should be the folder that holds config.json.',
  not_found: 'The folder needs config.json and model.safetensors, and tokenizer.json for text.',
  out_of_memory: 'A smaller model, or a shorter context, needs less.',
  device_unavailable: 'Choose the CPU under Model.',
  device_lost: 'Load the model again.',
};

const placeNames: Readonly<Record<string, string>> = {
  file: 'File',
  path: 'Place in it',
  row: 'Row, from 0',
  column: 'Column',
  byte: 'Byte',
  tensor: 'Tensor',
  expected: 'Expected',
  found: 'Found',
  status: 'Answer of the server',
};

/** Shows an error until the next piece of work begins: the model's in the section of the page,
 * another's in its own. */
export function showFailure(error: unknown, section: HTMLElement = page.failure): void {
  const { title, text, places, help } =
    describe(error, section === page.failure ? modelAdvice : advice);
  const heading = document.createElement('h2');
  heading.textContent = title;
  const message = document.createElement('p');
  message.textContent = text;
  const list = document.createElement('dl');
  for (const [name, value] of places) {
    const term = document.createElement('dt');
    term.textContent = name;
    const description = document.createElement('dd');
    description.textContent = value;
    list.append(term, description);
  }
  section.replaceChildren(heading, message, ...(places.length > 0 ? [list] : []));
  if (help !== undefined) {
    const hint = document.createElement('p');
    hint.className = 'hint';
    hint.textContent = help;
    section.append(hint);
  }
  section.hidden = false;
  const argument =
    error instanceof ControlError || error instanceof RepriseError ? error.argument : undefined;
  if (argument !== undefined) markInvalid(argument);
}

export function hideFailure(section: HTMLElement = page.failure): void {
  section.hidden = true;
  section.replaceChildren();
}

interface Description {
  readonly title: string;
  readonly text: string;
  readonly places: readonly [string, string][];
  readonly help: string | undefined;
}

function describe(error: unknown, helps: Advice): Description {
  if (error instanceof ControlError) {
    return {
      title: titles.invalid_argument,
      text: error.message,
      places: [['Found', error.found]],
      help: undefined,
    };
  }
  if (error instanceof RepriseError) {
    const places = Object.entries(placeNames).flatMap(([field, name]): [string, string][] => {
      const value = error.fields[field];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return { title: titles[error.code], text: error.message, places, help: helps[error.code] };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { title: titles.internal, text, places: [], help: helps.internal };
}
