import type { LoadedResource } from '../../cloudformation/template.ts';
import type { ApiDefinition, Cors, JwtAuthorizer, Route } from '../../http-api/index.ts';
import { type PropertyReader, propertiesOf } from '../properties.ts';
import type { Services } from '../services.ts';

const MAX_TIMEOUT_MS = 30_000;

/**
 * `AWS::ApiGatewayV2::*`: the one API of the templates with the routes of all of them. It is served
 * when the functions are there.
 * @throws BootError where creating a resource would fail in AWS, or the API would behave differently
 */
export function serveHttpApi(resources: readonly LoadedResource[], services: Services): void {
  const ofType = (type: string) =>
    resources
      .filter((resource) => resource.type === `AWS::ApiGatewayV2::${type}`)
      .map(propertiesOf);
  const [api, second] = ofType('Api');
  if (second) throw second.invalid('the embedded stack has one HTTP API, and this is another.');
  if (!api) return;

  api.only(['CorsConfiguration', 'Description', 'Name', 'ProtocolType', 'Tags']);
  if (api.requiredText('ProtocolType') !== 'HTTP') throw api.invalid('ProtocolType must be HTTP.');
  const parts = ['Stage', 'Integration', 'Route', 'Authorizer'].flatMap(ofType);
  const stray = parts.find((part) => part.requiredText('ApiId') !== api.resource.ref);
  if (stray) throw stray.invalid('ApiId is no API of the templates.');

  const authorizers = byRef(ofType('Authorizer'), authorizerOf);
  const integrations = byRef(ofType('Integration'), (part) => integrationOf(part, services));
  const definition: ApiDefinition = {
    apiId: api.resource.ref,
    cors: corsOf(api),
    ...stageOf(api, ofType('Stage')),
    routes: ofType('Route').map((route) => routeOf(route, integrations, authorizers)),
  };
  try {
    services.httpApi.serve(definition);
  } catch (error) {
    throw api.invalid(error instanceof Error ? error.message : String(error));
  }
}

function byRef<Part>(
  readers: readonly PropertyReader[],
  read: (reader: PropertyReader) => Part,
): ReadonlyMap<string, Part> {
  return new Map(readers.map((reader) => [reader.resource.ref, read(reader)]));
}

type Stage = Pick<ApiDefinition, 'throttle' | 'accessLogFormat'>;

function stageOf(api: PropertyReader, [stage, second]: readonly PropertyReader[]): Stage {
  if (!stage) throw api.invalid('the API has no stage: nobody could reach it.');
  if (second || stage.requiredText('StageName') !== '$default') {
    throw (second ?? stage).invalid('the embedded stack has the stage $default only.');
  }
  stage.only([
    ...['AccessLogSettings', 'ApiId', 'AutoDeploy', 'DefaultRouteSettings', 'Description'],
    ...['StageName', 'Tags'],
  ]);
  if (!stage.flag('AutoDeploy')) {
    throw stage.invalid('without AutoDeploy, routes stay without effect until a deployment.');
  }
  const log = stage.nested('AccessLogSettings');
  log.only(['DestinationArn', 'Format']);
  const settings = stage.nested('DefaultRouteSettings');
  settings.only(['DetailedMetricsEnabled', 'ThrottlingBurstLimit', 'ThrottlingRateLimit']);
  const requestsPerSecond = settings.number('ThrottlingRateLimit');
  const burst = settings.number('ThrottlingBurstLimit');
  const isThrottled = requestsPerSecond !== undefined && burst !== undefined;
  return {
    accessLogFormat: log.text('Format'),
    ...(isThrottled && { throttle: { requestsPerSecond, burst } }),
  };
}

function corsOf(api: PropertyReader): Cors | undefined {
  if (!api.object('CorsConfiguration')) return undefined;
  const cors = api.nested('CorsConfiguration');
  cors.only([
    ...['AllowCredentials', 'AllowHeaders', 'AllowMethods', 'AllowOrigins', 'ExposeHeaders'],
    'MaxAge',
  ]);
  const allowOrigins = cors.texts('AllowOrigins');
  const allowCredentials = cors.flag('AllowCredentials');
  if (allowCredentials && allowOrigins.includes('*')) {
    throw api.invalid('AllowCredentials needs origins by name, not *.');
  }
  return {
    allowOrigins,
    allowCredentials,
    allowMethods: cors.texts('AllowMethods'),
    allowHeaders: cors.texts('AllowHeaders'),
    exposeHeaders: cors.texts('ExposeHeaders'),
    maxAgeSeconds: cors.number('MaxAge'),
  };
}

function authorizerOf(authorizer: PropertyReader): JwtAuthorizer {
  authorizer.only(['ApiId', 'AuthorizerType', 'IdentitySource', 'JwtConfiguration', 'Name']);
  if (authorizer.requiredText('AuthorizerType') !== 'JWT') {
    throw authorizer.invalid('the embedded stack has JWT authorizers only.');
  }
  const [source = '', ...others] = authorizer.texts('IdentitySource');
  const [, header] = /^\$request\.header\.([\w-]+)$/i.exec(source) ?? [];
  if (!header || others.length > 0) {
    throw authorizer.invalid('IdentitySource must be one header: $request.header.Authorization.');
  }
  const configuration = authorizer.nested('JwtConfiguration');
  configuration.only(['Audience', 'Issuer']);
  return {
    header: header.toLowerCase(),
    issuer: configuration.requiredText('Issuer'),
    audience: configuration.texts('Audience'),
  };
}

type Integration = Pick<Route, 'functionArn' | 'timeoutMs'>;

function integrationOf(integration: PropertyReader, { lambda }: Services): Integration {
  integration.only([
    ...['ApiId', 'Description', 'IntegrationMethod', 'IntegrationType', 'IntegrationUri'],
    ...['PayloadFormatVersion', 'TimeoutInMillis'],
  ]);
  if (integration.requiredText('IntegrationType') !== 'AWS_PROXY') {
    throw integration.invalid('the embedded stack has integrations of type AWS_PROXY only.');
  }
  if (integration.requiredText('PayloadFormatVersion') !== '2.0') {
    throw integration.invalid('the embedded stack has payload format version 2.0 only.');
  }
  const timeoutMs = integration.number('TimeoutInMillis') ?? MAX_TIMEOUT_MS;
  if (timeoutMs < 50 || timeoutMs > MAX_TIMEOUT_MS) {
    throw integration.invalid(`TimeoutInMillis must be from 50 to ${MAX_TIMEOUT_MS}.`);
  }
  const functionArn = functionOf(integration.requiredText('IntegrationUri'));
  if (!lambda.list().some((config) => config.functionArn === functionArn)) {
    throw integration.invalid(`${functionArn} is no function of the templates.`);
  }
  return { functionArn, timeoutMs };
}

/** A function is named by its ARN, or by the path that API Gateway invokes it at. */
function functionOf(integrationUri: string): string {
  return (
    /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(integrationUri)?.[1] ??
    integrationUri
  );
}

function routeOf(
  route: PropertyReader,
  integrations: ReadonlyMap<string, Integration>,
  authorizers: ReadonlyMap<string, JwtAuthorizer>,
): Route {
  route.only([
    ...['ApiId', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'OperationName'],
    ...['RouteKey', 'Target'],
  ]);
  const routeKey = route.requiredText('RouteKey');
  const target = route.requiredText('Target');
  const integration = integrations.get(target.replace(/^integrations\//, ''));
  if (!integration) throw route.invalid(`${target} is no integration of the templates.`);
  const scopes = route.texts('AuthorizationScopes');
  const type = route.text('AuthorizationType') ?? 'NONE';
  if (type === 'NONE') {
    if (scopes.length > 0) throw route.invalid('scopes need the AuthorizationType JWT.');
    return { routeKey, ...integration, scopes };
  }
  if (type !== 'JWT') throw route.invalid(`the embedded stack has no authorization by ${type}.`);
  const authorizer = authorizers.get(route.requiredText('AuthorizerId'));
  if (!authorizer) throw route.invalid('AuthorizerId is no authorizer of the templates.');
  return { routeKey, ...integration, authorizer, scopes };
}
