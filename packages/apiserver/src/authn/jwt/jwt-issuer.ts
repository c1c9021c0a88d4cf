// An issuer of JSON web tokens whose users the API knows, as the file of --authentication-config has it.
// Mirrors https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-k8s-io-v1-JWTAuthenticator

/** A claim to take as it is, or an expression over the claims. */
export interface PrefixedClaim {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

export interface ExpressionRule {
  readonly expression: string;
  readonly message?: string;
}

export interface ClaimRule extends Partial<ExpressionRule> {
  readonly claim?: string;
  readonly requiredValue?: string;
}

export interface JwtIssuer {
  readonly issuer: {
    readonly url: string;
    readonly discoveryURL?: string;
    /** PEM. */
    readonly certificateAuthority?: string;
    readonly audiences: readonly string[];
    readonly audienceMatchPolicy?: 'MatchAny';
  };
  readonly claimValidationRules?: readonly ClaimRule[];
  readonly claimMappings: {
    readonly username: PrefixedClaim;
    readonly groups?: PrefixedClaim;
    readonly uid?: PrefixedClaim;
    readonly extra?: readonly { readonly key: string; readonly valueExpression: string }[];
  };
  readonly userValidationRules?: readonly ExpressionRule[];
}

/** Every algorithm that signs with a private key. */
export const signingAlgorithms: readonly string[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];
