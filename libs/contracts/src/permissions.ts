/** Everything an administrator can allow one user beyond their role; the closed list behind `users.permissions`. */
export const PERMISSIONS = [
  // The user's signals can be shared: they can start every user's pipelines.
  'publish:shared',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
