import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { genericGraphql } from './generic/graphql';
import { genericHttp } from './generic/http';
import {
  classesOf,
  classOfUnnamed,
  OPERATION_CLASSES,
  type OperationClass,
  type Profile,
  pairsOf,
  profileOf,
  UNNAMED,
} from './index';
import { railway } from './railway/profile';

const LITTLE: Profile = {
  ...genericGraphql,
  query: { things: ['safe', 'thing', 'read'] },
  mutation: {
    thingUpdate: ['write', 'thing', 'update', 'id'],
    thingEmpty: ['destructive', 'thing', 'update', 'id'],
    keyMake: ['escalating', 'key', 'create'],
  },
  nested: { 'Thing.secret': ['sensitive', 'thing', 'read'] },
};

describe('What can be asked of a target', () => {
  test('is every kind and verb its profile knows, each once a class', () => {
    expect(pairsOf(LITTLE)).toEqual([
      { resource: 'thing', verb: 'read', class: 'safe' },
      { resource: 'thing', verb: 'update', class: 'write' },
      { resource: 'thing', verb: 'update', class: 'destructive' },
      { resource: 'key', verb: 'create', class: 'escalating' },
      { resource: 'thing', verb: 'read', class: 'sensitive' },
    ]);
  });

  test.each<[Profile, string, string, readonly OperationClass[]]>([
    [LITTLE, 'thing/1', 'update', ['write', 'destructive']],
    [LITTLE, 'thing/*', 'read', ['safe', 'sensitive']],
    [LITTLE, 'key/*', 'create', ['escalating']],
    [LITTLE, 'thing/1', 'delete', []],
    [LITTLE, 'thin/1', 'update', []],
    [LITTLE, 'thing', 'update', []],
    [LITTLE, 'query/users', 'read', ['write']],
    [LITTLE, 'query/users', 'run', []],
    [LITTLE, 'mutation/createOrder', 'run', ['write']],
    [LITTLE, 'mutation/deleteOrder', 'run', ['destructive']],
    [LITTLE, 'mutation/createApiToken', 'run', ['escalating']],
    [LITTLE, 'mutation/*', 'run', ['destructive']],
    [LITTLE, 'secret/*', 'read', ['sensitive']],
    [LITTLE, 'schema/*', 'read', ['safe']],
    [LITTLE, 'path/v1', 'get', []],
    [genericHttp, 'path/v1/users/17', 'get', ['write']],
    [genericHttp, 'path/v1/users/17', 'delete', ['destructive']],
    [genericHttp, 'path/*', 'post', ['destructive']],
    [genericHttp, 'path/*', 'get', ['write']],
    [genericHttp, 'path/v1/things/*', 'put', ['destructive']],
    [genericHttp, 'path/v1/things/7', 'post', ['write']],
    [genericHttp, 'path/v1/things/7/purge', 'post', ['destructive']],
    [genericHttp, 'path/v1/tokens', 'post', ['escalating']],
    [genericHttp, 'path/v1/tokens/*', 'post', ['escalating']],
    [genericHttp, 'path/v1/tokens', 'get', ['write']],
    [genericHttp, 'path/v1/users', 'post', ['escalating']],
    [genericHttp, 'path/v1/users/*', 'post', ['destructive']],
    [genericHttp, 'path/v1/users/17', 'patch', ['write']],
    [genericHttp, 'path/v1/users/17/pats', 'post', ['escalating']],
    [genericHttp, 'path/v1/hooks/1', 'delete', ['escalating']],
    [genericHttp, 'path/v1', 'trace', []],
    [genericHttp, 'mutation/x', 'run', []],
    [genericHttp, 'secret/*', 'read', []],
    [railway, 'volume/3d2c', 'update', ['write']],
    [railway, 'volume/3d2c', 'delete', ['destructive']],
    [railway, 'service/*', 'redeploy', ['write']],
    [railway, 'token/*', 'create', ['escalating']],
    [railway, 'volume/3d2c', 'read', ['safe']],
    [railway, 'variable/e1', 'read', ['sensitive']],
  ])('$name: %s %s', (profile, resource, verb, classes) => {
    expect(classesOf(profile, resource, verb)).toEqual(classes);
  });

  test('is all that a refusal may name: what a profile leaves to names can be asked for by name', () => {
    for (const { resource, verb } of [UNNAMED.query, UNNAMED.mutation, UNNAMED.secret, UNNAMED.schema])
      for (const name of ['railway', 'generic-graphql'] as const)
        expect(classesOf(profileOf(name), `${resource}/*`, verb), `${name} ${resource}`).not.toEqual([]);
  });
});

describe('A mutation nobody has classified', () => {
  test.each([
    ['createOrder', 'write'],
    ['updateAuthor', 'write'],
    ['volumeDelete', 'destructive'],
    ['PurgeAll', 'destructive'],
    ['overwriteThing', 'destructive'],
    ['createApiToken', 'escalating'],
    ['rotateKey', 'escalating'],
    ['addSSHKey', 'escalating'],
    ['deleteBackup', 'escalating'],
    ['disableMfa', 'escalating'],
    ['inviteUser', 'escalating'],
    ['setRole', 'escalating'],
    ['transferProject', 'escalating'],
    ['policyUpdate', 'escalating'],
    ['sandboxExec', 'escalating'],
    ['removeMember', 'escalating'],
    ['addCollaborator', 'escalating'],
    ['grantAccess', 'escalating'],
    ['createServiceAccount', 'escalating'],
    ['createUser', 'escalating'],
    ['addUserToTeam', 'escalating'],
    ['userCreate', 'escalating'],
    ['createAdminUser', 'escalating'],
    ['createWebhook', 'escalating'],
    ['enableSso', 'escalating'],
    ['enableSSO', 'escalating'],
    ['shareProject', 'escalating'],
    ['makePublic', 'escalating'],
    ['make_public', 'escalating'],
    ['createPat', 'escalating'],
    ['createPAT', 'escalating'],
    ['issueCertificate', 'escalating'],
    ['setRetention', 'escalating'],
    ['updatePath', 'write'],
    ['patchOrder', 'write'],
    ['addLesson', 'write'],
    ['updateUserName', 'write'],
    ['processorUpdate', 'write'],
  ])('%s is %s at least', (name, klass) => {
    expect(classOfUnnamed(name)).toBe(klass);
  });

  test('is a change at least, whatever it is called (P7)', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,30}$/), (name) => {
        expect(['write', 'destructive', 'escalating']).toContain(classOfUnnamed(name));
      }),
    );
  });

  test('is classified no milder for words around its name', () => {
    const rank = (klass: OperationClass): number => OPERATION_CLASSES.indexOf(klass);
    const word = fc.constantFrom('Volume', 'delete', 'Token', 'create', 'member', 'Order');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), word, (words, more) => {
        expect(rank(classOfUnnamed([...words, more].join('')))).toBeGreaterThanOrEqual(
          rank(classOfUnnamed(words.join(''))),
        );
      }),
    );
  });

  test('of Railway’s, had nobody classified them: no more than these would be taken for a mere change by their names', () => {
    const taken = Object.entries(railway.mutation)
      .filter(([name, [klass]]) => classOfUnnamed(name) === 'write' && klass !== 'write')
      .map(([name]) => name);
    expect(taken.length).toBeLessThanOrEqual(34);
    expect(taken).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Token|Credential|Session|Member|Backup|Ssh/)]),
    );
  });
});
