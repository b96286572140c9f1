// One generation on the page: the text as it comes, and its figures.
import {
  RepriseError,
  type FinishReason,
  type GenerateOptions,
  type GenerateResult,
  type Model,
} from 'reprise';

import { page } from './page.js';
import { offerRecord } from './record.js';
import { countInWords } from './words.js';

const FIGURES_MS = 200;

const endings: Readonly<Record<FinishReason, string>> = {
  stop_id: 'The text came to its end',
  stop_text: 'Ended by a stop text',
  max_tokens: 'Longest text reached',
  context: "The model's context is full",
  aborted: 'Stopped',
};

/** Clears the last text and shows the prompt that comes first. */
export function beginText(prompt: string): void {
  page.outputPrompt.textContent = prompt;
  page.outputText.textContent = '';
  page.outputEmpty.hidden = true;
  page.figures.textContent = '';
  page.keepSeed.hidden = true;
  offerRecord(undefined);
  page.output.setAttribute('aria-busy', 'true');
}

/** Streams a continuation onto the page. What there is at a stop counts as the result. */
export async function generateText(
  model: Model,
  prompt: string,
  options: GenerateOptions,
): Promise<GenerateResult> {
  beginText(prompt);
  try {
    const result = await stream(model, prompt, options);
    page.outputText.textContent = result.text;
    page.figures.textContent = figures(result);
    page.keepSeed.hidden = false;
    offerRecord(result.record);
    return result;
  } finally {
    page.output.setAttribute('aria-busy', 'false');
  }
}

async function stream(
  model: Model,
  prompt: string,
  options: GenerateOptions,
): Promise<GenerateResult> {
  const chunks = model.stream(prompt, { ...options, record: true });
  const text = page.outputText.appendChild(document.createTextNode(''));
  let tokens = 0;
  let firstAt = 0;
  let shownAt = 0;
  try {
    for await (const chunk of chunks) {
      const now = performance.now();
      if (tokens++ === 0) firstAt = now;
      text.appendData(chunk.text);
      if (now - shownAt > FIGURES_MS) {
        shownAt = now;
        page.figures.textContent = rate(tokens, now - firstAt);
      }
    }
    return await chunks.result;
  } catch (error) {
    const stopped = error instanceof RepriseError && error.code === 'aborted';
    if (stopped && error.partial !== undefined) return error.partial;
    throw error;
  }
}

function rate(tokens: number, milliseconds: number): string {
  const count = countInWords(tokens, 'token');
  return milliseconds === 0 || tokens < 2
    ? count
    : `${count}, ${Math.round((1000 * (tokens - 1)) / milliseconds)} tokens/s`;
}

function figures({ tokens, timings, seed, finishReason }: GenerateResult): string {
  const speed = timings.tokensPerSecond;
  const promptTokens = countInWords(timings.promptTokens, 'token');
  return [
    countInWords(tokens.length, 'token'),
    ...(speed > 0 ? [`${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tokens/s`] : []),
    `prompt of ${promptTokens} in ${Math.round(timings.prefillMs)} ms`,
    `seed ${seed}`,
    endings[finishReason],
  ].join(' · ');
}
