export function installationKey(root: string): string;
export function allowedScripts(root: string): string[];
export function markerFile(root: string): string;
export function isInstalled(root: string): boolean;
export function matchesLockFile(root: string): boolean;
export function ensureInstalled(root: string, say: (line: string) => void): Promise<void>;
