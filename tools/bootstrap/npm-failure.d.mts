export class BootstrapError extends Error {}
export function explainNpmFailure(command: string, output: string): string;
