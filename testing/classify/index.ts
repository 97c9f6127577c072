export {
  type Asked,
  type Chance,
  chanceOf,
  classifierOf,
  present,
  railwayIntrospection,
  railwaySchema,
  refusalOf,
  VECTOR,
} from './classify';
export {
  type Book,
  bookOf,
  type Field,
  namedOf,
  type Taste,
  type Type,
  type Written,
  writeDocument,
} from './documents';
export { hasNginx, type Line, type Nginx, startNginx } from './nginx';
export { nastyTarget } from './paths';
