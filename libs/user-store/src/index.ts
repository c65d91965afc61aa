export {
  createQuotaRepository,
  type QuotaLimits,
  type QuotaRecord,
  type QuotaRepository,
} from './users/quota-repository';
export { assertBelowLimit, lockOwner, type UserLimits } from './users/user-limits';
export {
  createUserRepository,
  type UserCredentials,
  type UserRecord,
  type UserRepository,
  type UserRole,
} from './users/user-repository';
