// Models made up on the spot: a Llama of any size with weights from a small generator.
import type { ModelConfig, TensorData } from 'reprise';

/** Sizes of a made-up model. */
export interface Size {
  readonly hidden: number;
  readonly layers: number;
  readonly context: number;
}

const vocabulary = 512;

export function llamaConfig({ hidden, layers, context }: Size): ModelConfig {
  return {
    model_type: 'llama',
    hidden_size: hidden,
    intermediate_size: 2 * hidden,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    vocab_size: vocabulary,
    max_position_embeddings: context,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    hidden_act: 'silu',
    tie_word_embeddings: true,
  };
}

/** Weights of that model: values from −0.05 to 0.05, the same each time. */
export function llamaWeights({ hidden, layers }: Size): Record<string, TensorData> {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 / 10 - 0.05;
  };
  const tensor = (...shape: number[]): TensorData => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next);
    return { dtype: 'f32', shape, data };
  };
  const weights: Record<string, TensorData> = {
    'model.embed_tokens.weight': tensor(vocabulary, hidden),
    'model.norm.weight': tensor(hidden),
  };
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `model.layers.${layer}`;
    for (const name of ['input_layernorm', 'post_attention_layernorm']) {
      weights[`${prefix}.${name}.weight`] = tensor(hidden);
    }
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
      weights[`${prefix}.self_attn.${name}.weight`] = tensor(hidden, hidden);
    }
    for (const name of ['gate_proj', 'up_proj']) {
      weights[`${prefix}.mlp.${name}.weight`] = tensor(2 * hidden, hidden);
    }
    weights[`${prefix}.mlp.down_proj.weight`] = tensor(hidden, 2 * hidden);
  }
  return weights;
}

/** A safetensors file with any header, honest or not. */
export function safetensorsFile(header: unknown, dataBytes: number): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + json.byteLength + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  file.set(json, 8);
  return file;
}
