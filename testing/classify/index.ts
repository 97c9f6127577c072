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
  type Field,
  indexSchema,
  namedOf,
  type SchemaIndex,
  type Taste,
  type Type,
  type Written,
  writeDocument,
} from './documents';
export { hasNginx, type Line, type Nginx, startNginx } from './nginx';
export { nastyTarget } from './paths';
export { actsOf, classify, classOf, printedOf, refused, smallSchema } from './small-cloud';
