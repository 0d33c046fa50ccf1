/** An HTTP API (API Gateway v2) as templates declare it, its routes of all services together. */
export interface ApiDefinition {
  readonly apiId: string;
  readonly routes: readonly Route[];
  readonly cors?: Cors;
  readonly throttle?: Throttle;
  /** A line of the access log, with variables such as `$context.status`. Absent: there is no log. */
  readonly accessLogFormat?: string;
}

export interface Route {
  /** `GET /clips/{clipId}`, `ANY /files/{path+}` or `$default`. */
  readonly routeKey: string;
  readonly functionArn: string;
  /** How long the API waits for the function, which runs on all the same. */
  readonly timeoutMs: number;
  /** Absent: open to everyone. */
  readonly authorizer?: JwtAuthorizer;
  /** A token needs one of these; none: any valid token will do. */
  readonly scopes: readonly string[];
}

export interface JwtAuthorizer {
  /** The `iss` of its tokens; its keys are found through `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  /** A token is for one of these. */
  readonly audience: readonly string[];
  /** The header that carries the token, in lower case. */
  readonly header: string;
}

/** Origins, methods and headers may be `*`. */
export interface Cors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number;
}

export interface Throttle {
  readonly requestsPerSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

/** The one stage there is: its name is no part of the URL. */
export const STAGE = '$default';
