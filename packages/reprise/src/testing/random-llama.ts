// Writes a folder with a small random Llama and no tokenizer: for work that has to last a while,
// and for commands that have only ids.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The dimensions of such a model. */
export interface LlamaSizes {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
}

const smallSizes: LlamaSizes = {
  vocabulary: 512, hidden: 64, intermediate: 128, layers: 4, heads: 4, kvHeads: 4, headSize: 16,
};

/** Fills `folder` with config.json and model.safetensors; f32, random but always the same. */
export function writeRandomLlama(
  folder: string, contextLength: number, sizes: LlamaSizes = smallSizes,
): void {
  const { vocabulary, hidden, intermediate, layers, heads, kvHeads, headSize } = sizes;
  const shapes: Record<string, number[]> = { 'model.embed_tokens.weight': [vocabulary, hidden] };
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    shapes[`${layer}.self_attn.q_proj.weight`] = [heads * headSize, hidden];
    shapes[`${layer}.self_attn.k_proj.weight`] = [kvHeads * headSize, hidden];
    shapes[`${layer}.self_attn.v_proj.weight`] = [kvHeads * headSize, hidden];
    shapes[`${layer}.self_attn.o_proj.weight`] = [hidden, heads * headSize];
    shapes[`${layer}.mlp.gate_proj.weight`] = [intermediate, hidden];
    shapes[`${layer}.mlp.up_proj.weight`] = [intermediate, hidden];
    shapes[`${layer}.mlp.down_proj.weight`] = [hidden, intermediate];
    shapes[`${layer}.input_layernorm.weight`] = [hidden];
    shapes[`${layer}.post_attention_layernorm.weight`] = [hidden];
  }
  shapes['model.norm.weight'] = [hidden];

  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors'), safetensors(shapes));
  const config = {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headSize,
    max_position_embeddings: contextLength,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    hidden_act: 'silu',
    tie_word_embeddings: true,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

function safetensors(shapes: Readonly<Record<string, number[]>>): Uint8Array {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const file = Buffer.alloc(8 + text.length + offset);
  file.writeBigUInt64LE(BigInt(text.length));
  text.copy(file, 8);
  // Numerical Recipes' linear congruential generator, spread over [-0.25, 0.25).
  let state = 1;
  for (let at = 8 + text.length; at < file.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    file.writeFloatLE(state / 2 ** 33 - 0.25, at);
  }
  return file;
}
