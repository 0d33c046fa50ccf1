import type { ResourceTemplate, Template, TemplateObject } from '../../cloudformation/template.ts';
import { lambdaFunction, type Resources } from './templates.ts';

const ref = (Ref: string) => ({ Ref });
const onApi = (Type: string, Properties: TemplateObject): ResourceTemplate => ({
  Type: `AWS::ApiGatewayV2::${Type}`,
  Properties: { ApiId: ref('Api'), ...Properties },
});

/** The template with an API before it, whose routes all lead to the function `work-echo`. */
export function withApi(work: Template): Template {
  const token = { AuthorizationType: 'JWT', AuthorizerId: ref('Authorizer') };
  return {
    Parameters: { ...work.Parameters, ...ssm('jwt-issuer'), ...ssm('jwt-audience') },
    Resources: {
      ...work.Resources,
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Name: 'api',
          ProtocolType: 'HTTP',
          CorsConfiguration: { AllowOrigins: ['*'] },
        },
      },
      Stage: onApi('Stage', {
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: '50' },
        AccessLogSettings: {
          DestinationArn: 'arn:log',
          Format: '$context.routeKey $context.status',
        },
      }),
      Authorizer: onApi('Authorizer', {
        Name: 'oidc',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: ref('jwtissuer'), Audience: [ref('jwtaudience')] },
      }),
      ...lambdaFunction('Echo', []),
      EchoPermission: permission('/*/GET/*'),
      EchoIntegration: onApi('Integration', {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] },
        PayloadFormatVersion: '2.0',
      }),
      OpenRoute: onEcho('GET /open/{path+}'),
      ClipRoute: onEcho('GET /clips/{clipId}', token),
      AdminRoute: onEcho('GET /admin', { ...token, AuthorizationScopes: ['splicebus/admin'] }),
      LockedRoute: onEcho('POST /clips'),
    },
  };
}

/** A parameter of the Parameter Store, under its name without the hyphen. */
function ssm(name: string): NonNullable<Template['Parameters']> {
  const Type = 'AWS::SSM::Parameter::Value<String>';
  return { [name.replace('-', '')]: { Type, Default: `/splicebus/dev/${name}` } };
}

function permission(routes: string): ResourceTemplate {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref('Echo'),
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': ['', ['arn:aws:execute-api:us-east-1:000000000000:', ref('Api'), routes]],
      },
    },
  };
}

function onEcho(RouteKey: string, authorization: TemplateObject = {}): Resources[string] {
  const Target = { 'Fn::Join': ['/', ['integrations', ref('EchoIntegration')]] };
  return onApi('Route', { RouteKey, Target, ...authorization });
}
