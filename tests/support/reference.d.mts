export function referencePath(name: string): string | undefined;
export function referenceModels(): { name: string; folder: string }[];
