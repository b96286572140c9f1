// WebGPU's bit flags, which Node's package does not make global unless asked to.
// https://gpuweb.github.io/gpuweb/#namespacedef-gpubufferusage

export const bufferUsage = {
  mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80,
} as const;
export const mapModeRead = 0x1;
export const shaderStageCompute = 0x4;
