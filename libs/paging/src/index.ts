export {
  between,
  buildWhere,
  type Condition,
  encodeCursor,
  equals,
  limitOf,
  loadPage,
  oneOf,
  ownerCondition,
  readCursor,
} from './load-page';
export { ownedBy, ownerOf, type Page, type PageRequest, type Viewer } from './page';
