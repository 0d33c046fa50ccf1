import { createServer, type Server } from 'node:http';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { close, listen } from '../../gateway/loopback.ts';
import { rawRequest, route, startTestApi, type TestApi } from '../testing.ts';

const AUDIENCE = 'clips';
const HOUR_SECONDS = 3600;

let issuerServer: Server;
let issuer: string;
let fetched: string[];
let keys: Awaited<ReturnType<typeof makeKeys>>;
let api: TestApi;

async function makeKeys() {
  const [own, other, elliptic] = await Promise.all([
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('RS256'),
    generateKeyPair('ES256', { extractable: true }),
  ]);
  return { own, other, elliptic };
}

beforeAll(async () => {
  keys = await makeKeys();
  const jwks = JSON.stringify({
    keys: [
      { ...(await exportJWK(keys.own.publicKey)), kid: 'own' },
      { ...(await exportJWK(keys.elliptic.publicKey)), kid: 'elliptic' },
    ],
  });
  issuerServer = createServer((request, response) => {
    fetched.push(request.url ?? '');
    const isKeys = request.url === '/keys';
    response.end(isKeys ? jwks : JSON.stringify({ issuer, jwks_uri: `${issuer}keys` }));
  });
  issuer = `http://127.0.0.1:${await listen(issuerServer, 0)}/`;
});
beforeEach(async () => {
  fetched = [];
  await api?.close();
  const authorizer = { issuer, audience: ['other', AUDIENCE], header: 'authorization' };
  const nowhere = { ...authorizer, issuer: 'http://127.0.0.1:9' };
  api = await startTestApi({
    routes: [
      route('GET /open'),
      route('GET /clips', { authorizer }),
      route('GET /admin', { authorizer, scopes: ['clips/admin', 'clips/root'] }),
      route('GET /nowhere', { authorizer: nowhere }),
    ],
  });
});
afterAll(async () => {
  await api.close();
  await close(issuerServer);
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const claims = (change: JWTPayload = {}): JWTPayload => ({
  iss: issuer,
  aud: AUDIENCE,
  sub: 'me',
  iat: nowSeconds(),
  exp: nowSeconds() + HOUR_SECONDS,
  ...change,
});
type Header = { alg: string; kid?: string };
const sign = (
  payload: JWTPayload,
  header: Header = { alg: 'RS256', kid: 'own' },
  key: Parameters<SignJWT['sign']>[0] = keys.own.privateKey,
) => new SignJWT(payload).setProtectedHeader(header).sign(key);
const get = (path: string, authorization?: string) =>
  rawRequest(api.url, path, { headers: authorization === undefined ? {} : { authorization } });

describe('a good token', () => {
  it.each([
    ['Bearer ', ''],
    ['bearer  ', ''],
    ['', ''],
  ])('passes with the scheme "%s"', async (scheme) => {
    expect((await get('/clips', scheme + (await sign(claims())))).status).toBe(200);
  });

  it('is read to the function, every claim as text', async () => {
    const exp = nowSeconds() + HOUR_SECONDS;
    const payload = claims({
      exp,
      tenantId: 'acme',
      groups: ['a', 'b c', 3],
      admin: true,
      none: null,
      address: { city: 'Ulm' },
      scope: 'x y',
    });
    await get('/clips', `Bearer ${await sign(payload)}`);
    expect(api.events[0]?.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          iss: issuer,
          aud: AUDIENCE,
          sub: 'me',
          iat: String(payload.iat),
          exp: String(exp),
          tenantId: 'acme',
          groups: '[a b c 3]',
          admin: 'true',
          address: '{"city":"Ulm"}',
          scope: 'x y',
        },
        scopes: null,
      },
    });
  });

  it.each<[string, JWTPayload]>([
    ['one of several audiences', { aud: ['a', AUDIENCE] }],
    ['a client instead of an audience', { aud: undefined, client_id: AUDIENCE }],
    ['a time from which it is valid', { nbf: 1 }],
    ['no time at which it was issued', { iat: undefined }],
  ])('may have %s', async (_what, change) => {
    expect((await get('/clips', await sign(claims(change)))).status).toBe(200);
  });

  it('has the issuer asked once', async () => {
    const token = await sign(claims());
    await Promise.all([get('/clips', token), get('/clips', token)]);
    await get('/admin', token);
    expect(fetched).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('is not asked for where the route is open', async () => {
    expect((await get('/open')).status).toBe(200);
    expect(api.events[0]?.requestContext).not.toHaveProperty('authorizer');
    expect(fetched).toEqual([]);
  });
});

describe('a bad token', () => {
  const expectRefusal = async (token: string, description: string) => {
    const { status, headers, body } = await get('/clips', `Bearer ${token}`);
    expect({ status, body }).toEqual({ status: 401, body: '{"message":"Unauthorized"}' });
    expect(headers['www-authenticate']).toBe(
      `Bearer scope="" error="invalid_token" error_description="${description}"`,
    );
    expect(api.events).toEqual([]);
  };

  it('is none', async () => {
    for (const authorization of [undefined, '', 'Bearer ']) {
      const { status, headers, body } = await get('/clips', authorization);
      expect({ status, body }).toEqual({ status: 401, body: '{"message":"Unauthorized"}' });
      expect(headers['www-authenticate']).toBe('Bearer');
    }
  });

  it.each<[string, JWTPayload, string]>([
    ['another audience', { aud: 'them' }, 'the token does not have a valid audience'],
    [
      'another audience, though the client is right',
      { aud: 'them', client_id: AUDIENCE },
      'the token does not have a valid audience',
    ],
    ['no audience', { aud: undefined }, 'the token does not have a valid audience'],
    ['another issuer', { iss: 'https://them' }, 'the token does not have a valid issuer'],
    ['no issuer', { iss: undefined }, 'the token does not have a valid issuer'],
    ['an end that is past', { exp: 1 }, 'the token has expired'],
    ['no end', { exp: undefined }, 'the token has an invalid claim'],
    ['a begin to come', { nbf: 9_999_999_999 }, 'the token is not valid yet'],
    ['an issue to come', { iat: 9_999_999_999 }, 'the token was issued in the future'],
  ])('has %s', async (_what, change, description) => {
    await expectRefusal(await sign(claims(change)), description);
  });

  it('is signed with another key', async () => {
    const token = await sign(claims(), { alg: 'RS256', kid: 'own' }, keys.other.privateKey);
    await expectRefusal(token, 'the signature is invalid');
  });

  it('names no key, or one that the issuer does not have', async () => {
    await expectRefusal(await sign(claims(), { alg: 'RS256' }), 'the token has no key id');
    const unknown = await sign(claims(), { alg: 'RS256', kid: 'gone' });
    await expectRefusal(unknown, 'the token names no key of the issuer');
  });

  it('is not signed at all', async () => {
    const token = new UnsecuredJWT(claims()).encode();
    await expectRefusal(token, 'the signing method is invalid');
  });

  it('is signed by the public key as if it were a secret', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(keys.own.publicKey));
    const token = await sign(claims(), { alg: 'HS256', kid: 'own' }, secret);
    await expectRefusal(token, 'the signing method is invalid');
  });

  it('is signed with an elliptic curve', async () => {
    const token = await sign(claims(), { alg: 'ES256', kid: 'elliptic' }, keys.elliptic.privateKey);
    await expectRefusal(token, 'the signing method is invalid');
  });

  it('is altered, or no token', async () => {
    const [header, , signature] = (await sign(claims())).split('.');
    const forged = Buffer.from(JSON.stringify(claims({ tenantId: 'them' }))).toString('base64url');
    await expectRefusal(`${header}.${forged}.${signature}`, 'the signature is invalid');
    await expectRefusal('rubbish', 'the token is malformed');
    const odd = Buffer.from('{"alg":"x\\r\\nset-cookie: a=b\\"","kid":"own"}').toString(
      'base64url',
    );
    await expectRefusal(`${odd}.${forged}.${signature}`, 'the signing method is invalid');
  });

  it('is any, where the issuer cannot be reached', async () => {
    const { status, headers } = await get('/nowhere', await sign(claims()));
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('OIDC discovery endpoint communication error');
  });
});

describe('a route with scopes', () => {
  it.each<[string, JWTPayload, readonly string[]]>([
    ['scope', { scope: 'clips/root x' }, ['clips/root', 'x']],
    ['scp as a list', { scp: ['clips/admin'] }, ['clips/admin']],
  ])('lets one of them in, from %s', async (_what, change, scopes) => {
    expect((await get('/admin', await sign(claims(change)))).status).toBe(200);
    expect(api.events[0]?.requestContext.authorizer.jwt.scopes).toEqual(scopes);
  });

  it.each<[string, JWTPayload]>([
    ['no scopes', {}],
    ['others', { scope: 'clips clips/administrator' }],
    ['one that is empty', { scope: '' }],
  ])('forbids a token with %s', async (_what, change) => {
    const { status, headers, body } = await get('/admin', await sign(claims(change)));
    expect({ status, body }).toEqual({ status: 403, body: '{"message":"Forbidden"}' });
    expect(headers['www-authenticate']).toContain(
      'Bearer scope="clips/admin clips/root" error="insufficient_scope"',
    );
    expect(api.events).toEqual([]);
  });
});
