import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceTemplate, Template, TemplateObject } from '../cloudformation/template.ts';
import { type Stack, startStack } from './index.ts';
import { withApi } from './testing/api-template.ts';
import { fixturePackages } from './testing/packages.ts';

let directory: string;
const stateDir = () => join(directory, 'state');
const boot = (change: (work: Template) => Template = withApi) =>
  startStack({
    stateDir: stateDir(),
    packages: fixturePackages(join(directory, 'packages'), change),
  });

describe('the HTTP API of a stack', () => {
  let stack: Stack;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'splicebus-api-'));
    stack = await boot();
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(directory, { recursive: true });
  });

  const ask = async (path: string, token?: string, method = 'GET') => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const response = await fetch(stack.apiUrl + path, { method, headers });
    const body = (await response.json()) as {
      message?: string;
      event?: APIGatewayProxyEventV2WithJWTAuthorizer;
    };
    return { status: response.status, ...body };
  };

  it('calls the function of a route', async () => {
    const { status, event } = await ask('/open/a/b?c=d');
    expect(status).toBe(200);
    expect(event).toMatchObject({
      routeKey: 'GET /open/{path+}',
      rawPath: '/open/a/b',
      pathParameters: { path: 'a/b' },
      queryStringParameters: { c: 'd' },
      requestContext: {
        accountId: '000000000000',
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        stage: '$default',
      },
    });
    expect(await ask('/nowhere')).toEqual({ status: 404, message: 'Not Found' });
  });

  it('lets a developer’s token in, and tells the function whose it is', async () => {
    expect(await ask('/clips/c1')).toEqual({ status: 401, message: 'Unauthorized' });
    const { status, event } = await ask('/clips/c1', await stack.devToken({ tenantId: 'acme' }));
    expect(status).toBe(200);
    expect(event?.requestContext.authorizer.jwt).toMatchObject({
      claims: { iss: `${stack.endpointUrl}/_issuer`, aud: 'splicebus', tenantId: 'acme' },
      scopes: null,
    });
  });

  it('asks for scopes and for tokens that have not expired', async () => {
    const plain = await stack.devToken({ tenantId: 'acme' });
    expect(await ask('/admin', plain)).toEqual({ status: 403, message: 'Forbidden' });
    const admin = await stack.devToken({ tenantId: 'acme', scopes: ['splicebus/admin', 'x'] });
    const { status, event } = await ask('/admin', admin);
    expect(status).toBe(200);
    expect(event?.requestContext.authorizer.jwt.scopes).toEqual(['splicebus/admin', 'x']);
    const expired = await stack.devToken({ tenantId: 'acme', expiresInSeconds: -1 });
    expect((await ask('/clips/c1', expired)).status).toBe(401);
  });

  it('does not reach a function whose permission leaves the route out', async () => {
    const answer = await ask('/clips', undefined, 'POST');
    expect(answer).toEqual({ status: 500, message: 'Internal Server Error' });
  });

  it('writes its access log', () => {
    const log = readFileSync(join(stateDir(), 'http-api', 'access.log'), 'utf8').split('\n');
    expect(log).toEqual(
      expect.arrayContaining(['GET /open/{path+} 200', '- 404', 'GET /admin 403']),
    );
  });

  it('takes tokens over a restart on the same ports', async () => {
    const token = await stack.devToken({ tenantId: 'acme' });
    const { port } = stack;
    await stack.stop();
    stack = await startStack({
      port,
      stateDir: stateDir(),
      packages: fixturePackages(join(directory, 'packages'), withApi),
    });
    expect((await ask('/clips/c1', token)).status).toBe(200);
  });
});

describe('a stack does not start with', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'splicebus-api-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const change = (name: string, properties: TemplateObject) => (work: Template) => {
    const template = withApi(work);
    const resource = template.Resources[name] as ResourceTemplate;
    const Properties = { ...resource.Properties, ...properties };
    return {
      ...template,
      Resources: { ...template.Resources, [name]: { ...resource, Properties } },
    };
  };
  const copy = (name: string) => (work: Template) => {
    const template = withApi(work);
    const Second = template.Resources[name] as ResourceTemplate;
    return { ...template, Resources: { ...template.Resources, Second } };
  };

  it.each<[string, (work: Template) => Template, string]>([
    ['two APIs', copy('Api'), 'the embedded stack has one HTTP API'],
    ['two stages', copy('Stage'), 'the stage $default only'],
    ['the same route twice', copy('AdminRoute'), 'There are two routes GET /admin.'],
    ['a named stage', change('Stage', { StageName: 'v1' }), 'the stage $default only'],
    ['a stage that is not deployed', change('Stage', { AutoDeploy: false }), 'without AutoDeploy'],
    ['a WebSocket API', change('Api', { ProtocolType: 'WEBSOCKET' }), 'must be HTTP'],
    ['another API’s route', change('AdminRoute', { ApiId: 'x' }), 'is no API of the templates'],
    [
      'credentials for everyone',
      change('Api', { CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: true } }),
      'AllowCredentials needs origins',
    ],
    ['a malformed route', change('AdminRoute', { RouteKey: 'GET admin' }), 'is no route key'],
    ['a route to nowhere', change('AdminRoute', { Target: 'integrations/x' }), 'no integration'],
    [
      'another authorization',
      change('AdminRoute', { AuthorizationType: 'AWS_IAM' }),
      'no authorization by AWS_IAM',
    ],
    ['an unknown authorizer', change('AdminRoute', { AuthorizerId: 'x' }), 'is no authorizer'],
    [
      'scopes without a token',
      change('OpenRoute', { AuthorizationScopes: ['x'] }),
      'scopes need the AuthorizationType JWT',
    ],
    [
      'an authorizer function',
      change('Authorizer', { AuthorizerType: 'REQUEST' }),
      'JWT authorizers only',
    ],
    [
      'a token in the query',
      change('Authorizer', { IdentitySource: ['$request.querystring.token'] }),
      'IdentitySource must be one header',
    ],
    [
      'another integration',
      change('EchoIntegration', { IntegrationType: 'HTTP_PROXY' }),
      'of type AWS_PROXY only',
    ],
    [
      'the older payload format',
      change('EchoIntegration', { PayloadFormatVersion: '1.0' }),
      'payload format version 2.0 only',
    ],
    [
      'a function that is not there',
      change('EchoIntegration', { IntegrationUri: 'arn:aws:lambda:us-east-1:1:function:x' }),
      'is no function of the templates',
    ],
    [
      'a longer timeout than there is',
      change('EchoIntegration', { TimeoutInMillis: 30_001 }),
      'TimeoutInMillis must be from 50 to 30000',
    ],
  ])('%s', async (_what, edit, message) => {
    await expect(boot(edit)).rejects.toMatchObject({
      code: 'InvalidTemplate',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['Api', { RouteSelectionExpression: 'x' }],
    ['Api', { CorsConfiguration: { AllowOrigin: ['*'] } }],
    ['Stage', { StageVariables: { a: 'b' } }],
    ['Stage', { DefaultRouteSettings: { LoggingLevel: 'INFO' } }],
    ['Authorizer', { AuthorizerResultTtlInSeconds: 5 }],
    ['EchoIntegration', { RequestParameters: {} }],
    ['AdminRoute', { ApiKeyRequired: true }],
  ])('what would go without effect: %s %j', async (name, properties) => {
    await expect(boot(change(name, properties))).rejects.toMatchObject({
      code: 'UnsupportedProperty',
    });
  });

  it('finds its port taken', async () => {
    const first = await boot();
    const options = {
      stateDir: join(directory, 'other'),
      packages: fixturePackages(join(directory, 'packages'), withApi),
      apiPort: Number(new URL(first.apiUrl).port),
    };
    await expect(startStack(options)).rejects.toMatchObject({ code: 'PortInUse' });
    await first.stop();
  });
});
