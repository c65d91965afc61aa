export {
  createQuotaRepository,
  type QuotaLimits,
  type QuotaRecord,
  type QuotaRepository,
} from './users/quota-repository';
export {
  createUserRepository,
  type UserCredentials,
  type UserRecord,
  type UserRepository,
  type UserRole,
} from './users/user-repository';
