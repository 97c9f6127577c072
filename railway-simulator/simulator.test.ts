import { existsSync, readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SDL } from './schema';
import { type RailwaySimulator, startRailwaySimulator } from './server';

const VECTOR = '../shared/vectors/railway/schema.json';
const present = existsSync(VECTOR);
if (!present) console.warn(`skipped: ${VECTOR} is not here, so the simulator is not held against the real schema`);

interface RealType {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: RealType | null;
}
interface RealField {
  readonly name: string;
  readonly type: RealType;
  readonly args?: readonly RealField[];
}
interface Real {
  readonly name: string;
  readonly kind: string;
  readonly fields?: readonly RealField[] | null;
  readonly inputFields?: readonly RealField[] | null;
  readonly enumValues?: ReadonlyArray<{ readonly name: string }> | null;
}

const spelled = (type: RealType): string => {
  if (type.kind === 'NON_NULL') return `${type.ofType ? spelled(type.ofType) : ''}!`;
  return type.kind === 'LIST' ? `[${type.ofType ? spelled(type.ofType) : ''}]` : (type.name ?? '');
};

/** Every `Type.field(argument: Type): Type` that the simulator has. */
function claims(type: GraphQLNamedType): string[] {
  if (isScalarType(type)) return [`scalar ${type.name}`];
  if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((one) => `${type.name}.${one.name}: ${one.type}`);
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((one) => [
    `${type.name}.${one.name}: ${one.type}`,
    ...one.args.map((argument: GraphQLArgument) => `${type.name}.${one.name}(${argument.name}: ${argument.type})`),
  ]);
}

function realClaims(types: readonly Real[]): Set<string> {
  return new Set(
    types.flatMap((type) => [
      ...(type.kind === 'SCALAR' ? [`scalar ${type.name}`] : []),
      ...(type.enumValues ?? []).map(({ name }) => `${type.name}.${name}`),
      ...[...(type.fields ?? []), ...(type.inputFields ?? [])].flatMap((one) => [
        `${type.name}.${one.name}: ${spelled(one.type)}`,
        ...(one.args ?? []).map((argument) => `${type.name}.${one.name}(${argument.name}: ${spelled(argument.type)})`),
      ]),
    ]),
  );
}

describe.skipIf(!present)('The simulator', () => {
  test('has no type, field or argument that the real schema has not, and each is the same', () => {
    const file = JSON.parse(readFileSync(VECTOR, 'utf8'));
    const real = realClaims((file.data ?? file).__schema.types as Real[]);
    const own = Object.values(buildSchema(SDL).getTypeMap()).filter(({ name }) => !name.startsWith('__'));
    const said = own.flatMap(claims);
    expect(said.length).toBeGreaterThan(120);
    expect(said.filter((one) => !real.has(one))).toEqual([]);
  });
});

describe('The simulated company', () => {
  let railway: RailwaySimulator;
  beforeAll(async () => {
    railway = await startRailwaySimulator();
  });
  afterAll(() => railway.close());

  const send = async (query: string, token = railway.token) => {
    const answer = await fetch(railway.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await answer.json()) as { data: Record<string, unknown> | null; errors?: unknown[] };
  };

  test('wants its token on every call', async () => {
    expect((await send('{ projects { edges { node { id } } } }', 'wrong')).data).toBeNull();
    expect(railway.arrived).toEqual([]);
  });

  test('loses the backups with the volume, as the real one did', async () => {
    expect(railway.world.backups.size).toBe(3);
    expect((await send(`mutation { volumeDelete(volumeId: "${railway.places.productionVolume}") }`)).data).toEqual({
      volumeDelete: true,
    });
    expect(railway.world.backups.size).toBe(0);
    expect(railway.arrived).toEqual(['mutation volumeDelete']);
  });
});
