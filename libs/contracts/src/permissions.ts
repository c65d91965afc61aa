/** Permissions that an administrator can grant in addition to a role: the closed list of values of `users.permissions`. */
export const PERMISSIONS = [
  // The user can publish shared signals, which can start every user's pipelines.
  'publish:shared',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
