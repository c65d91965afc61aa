export { armFailpoints, failpoint, type FailpointConfig } from './failpoint';
export {
  type FailpointName,
  type FailpointRule,
  FAILPOINTS,
  FailpointSyntaxError,
  parseFailpoints,
} from './parse-failpoints';
