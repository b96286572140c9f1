export const testGpu: GPU;
export function testDevice(): Promise<GPUDevice>;
