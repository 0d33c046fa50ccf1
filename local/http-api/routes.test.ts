import { describe, expect, it } from 'vitest';
import { createRouteTable } from './routes.ts';
import { route } from './testing.ts';

const tableOf = (...keys: string[]) => createRouteTable(keys.map((key) => route(key)));

describe('the route of a request', () => {
  // The example of AWS's documentation, and what it leaves open.
  const find = tableOf(
    ...['$default', 'ANY /{proxy+}', 'GET /pets/{proxy+}', 'GET /pets/dog/{id}'],
    ...[
      'GET /pets/dog/1',
      'ANY /pets/dog/1',
      'ANY /pets/cat/{name}/toys',
      'GET /pets/{kind}/1/toys',
    ],
  );

  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
    ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
    ['POST', '/pets/dog/1', 'ANY /pets/dog/1', {}],
    ['PUT', '/pets/dog/2', 'ANY /{proxy+}', { proxy: 'pets/dog/2' }],
    ['GET', '/pets/cat/1/toys', 'ANY /pets/cat/{name}/toys', { name: '1' }],
    ['GET', '/pets/dog/1/toys', 'GET /pets/{kind}/1/toys', { kind: 'dog' }],
    ['GET', '/pets/dog/a b/ü', 'GET /pets/{proxy+}', { proxy: 'dog/a b/ü' }],
    ['GET', '/pets/dog/', 'GET /pets/{proxy+}', { proxy: 'dog/' }],
    ['GET', '/', '$default', {}],
    ['GET', '/PETS/dog/1', 'ANY /{proxy+}', { proxy: 'PETS/dog/1' }],
  ])('%s %s is %s', (method, path, routeKey, pathParameters) => {
    const match = find(method, path);
    expect({ routeKey: match?.route.routeKey, pathParameters: match?.pathParameters }).toEqual({
      routeKey,
      pathParameters,
    });
  });

  it('is none without a match', () => {
    const find = tableOf('GET /pets/{id}', 'GET /');
    expect(find('GET', '/pets')).toBeUndefined();
    expect(find('GET', '/pets/')).toBeUndefined();
    expect(find('GET', '/pets/1/')).toBeUndefined();
    expect(find('POST', '/pets/1')).toBeUndefined();
    expect(find('GET', '/')?.route.routeKey).toBe('GET /');
  });

  it('hands over variables of any name', () => {
    const match = tableOf('GET /{__proto__}')('GET', '/x');
    expect(Object.entries(match?.pathParameters ?? {})).toEqual([['__proto__', 'x']]);
  });
});

describe('a route table refuses', () => {
  it.each([
    ['a key without a path', 'GET'],
    ['an unknown method', 'FETCH /pets'],
    ['a relative path', 'GET pets'],
    ['a greedy variable inside', 'GET /{proxy+}/x'],
    ['half a variable', 'GET /pets/{id'],
    ['text beside a variable', 'GET /pets/{id}.json'],
  ])('%s', (_what, routeKey) => {
    expect(() => tableOf(routeKey)).toThrow(`${routeKey} is no route key`);
  });

  it('the same key twice', () => {
    expect(() => tableOf('GET /a', 'GET /a')).toThrow('There are two routes GET /a.');
  });
});
