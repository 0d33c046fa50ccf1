import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedResource } from '#local/cloudformation/template';
import { ROUTE_CATALOGUE } from '#shared/api/catalogue';
import { ACCOUNT_ID, type PackagedStacks, packagedStacks, REGION } from './packaged-stacks.ts';

/** Routes that anybody may call, each with the reason. */
const OPEN_ROUTES: Record<string, string> = {
  'GET /health': 'load balancers and monitors have no token',
  'HEAD /health': 'some of them ask so',
};
/** The API answers after this long, whatever the function does. */
const API_TIMEOUT_SECONDS = 30;

let packaged: PackagedStacks;
beforeAll(async () => {
  packaged = await packagedStacks();
});

const ofType = (type: string): LoadedResource[] => packaged.resources(`AWS::ApiGatewayV2::${type}`);
const shared = (output: string) => packaged.stacks.get('shared')?.outputs.get(output);
const integrationOf = ({ properties }: LoadedResource) =>
  ofType('Integration').find(({ ref }) => properties.Target === `integrations/${ref}`);

describe('the API', () => {
  it('exists once, with one stage and one authorizer, whichever service has routes', () => {
    expect(ofType('Api').map(({ ref }) => ref)).toEqual([shared('ApiId')]);
    expect(ofType('Authorizer').map(({ ref }) => ref)).toEqual([shared('AuthorizerId')]);
    expect(ofType('Stage').map(({ ref }) => ref)).toEqual(['$default']);
    const parts = ['Stage', 'Authorizer', 'Integration', 'Route'].flatMap(ofType);
    expect(new Set(parts.map(({ properties }) => properties.ApiId))).toEqual(
      new Set([shared('ApiId')]),
    );
    expect(shared('ApiUrl')).toBe(`https://${shared('ApiId')}.execute-api.${REGION}.amazonaws.com`);
  });

  it('accepts the tokens of the issuer that the Parameter Store names', () => {
    expect(ofType('Authorizer')[0]?.properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer.example.com', Audience: ['splicebus'] },
    });
  });

  it('is throttled, and logs every request in a line of JSON, without tokens', () => {
    const { properties } = ofType('Stage')[0]!;
    expect(properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: expect.any(Number),
      ThrottlingBurstLimit: expect.any(Number),
    });
    const { DestinationArn, Format } = properties.AccessLogSettings as Record<string, string>;
    const group = packaged
      .resources('AWS::Logs::LogGroup')
      .find(({ attributes }) => attributes.Arn === DestinationArn);
    expect(group?.properties.RetentionInDays).toBe(30);
    expect(JSON.parse(Format!)).toMatchObject({ status: '$context.status' });
    expect(Format).not.toMatch(/header|\n/i);
  });

  it('lets pages send tokens, but no cookies', () => {
    const cors = ofType('Api')[0]?.properties.CorsConfiguration as Record<string, string[]>;
    expect(cors.AllowHeaders).toContain('authorization');
    expect(cors).not.toHaveProperty('AllowCredentials');
  });
});

describe('every route', () => {
  it('is there once', () => {
    const keys = ofType('Route').map(({ properties }) => properties.RouteKey);
    expect(keys).toContain('GET /health');
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has the authorizer, unless there is a reason', () => {
    for (const { properties } of ofType('Route')) {
      const routeKey = String(properties.RouteKey);
      const isOpen = Object.hasOwn(OPEN_ROUTES, routeKey);
      expect({ routeKey, type: properties.AuthorizationType, id: properties.AuthorizerId }).toEqual(
        {
          routeKey,
          type: isOpen ? undefined : 'JWT',
          id: isOpen ? undefined : shared('AuthorizerId'),
        },
      );
    }
  });

  it('is for administrators, and no others are, where its path says so', () => {
    const keys = ofType('Route').map(({ properties }) => String(properties.RouteKey));
    const forAdministrators = ROUTE_CATALOGUE.filter(({ access }) => access === 'admin').map(
      ({ method, path }) => `${method} ${path}`,
    );
    // Their functions check the scope, as API Gateway's own refusal has no code: e2e/http/access.test.ts.
    expect(keys.filter((key) => key.includes('/admin/')).sort()).toEqual(forAdministrators.sort());
    expect(forAdministrators).not.toEqual([]);
  });

  it('may invoke its function, which answers before the API gives up', () => {
    for (const route of ofType('Route')) {
      const routeKey = String(route.properties.RouteKey);
      const integration = integrationOf(route);
      expect(integration?.properties, routeKey).toMatchObject({
        IntegrationType: 'AWS_PROXY',
        PayloadFormatVersion: '2.0',
      });
      const functionArn = integration?.properties.IntegrationUri;
      const permissions = packaged
        .resources('AWS::Lambda::Permission')
        .filter(({ properties }) => properties.FunctionName === functionArn)
        .map(({ properties }) => `${properties.Principal} ${properties.SourceArn}`);
      const ofApi = `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${shared('ApiId')}/*`;
      expect(permissions, routeKey).toEqual([`apigateway.amazonaws.com ${ofApi}`]);
      const { properties } = packaged
        .resources('AWS::Lambda::Function')
        .find(({ attributes }) => attributes.Arn === functionArn)!;
      expect(properties.Timeout, routeKey).toBeLessThan(API_TIMEOUT_SECONDS);
    }
  });
});
