/** The OIDC provider that people may sign in with. */
export interface OidcSettings {
  /** The issuer identifier, as in the provider's tokens. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The provider's name in the user interface. */
  name: string;
  /** Whether an e-mail address counts as verified when the provider does not say. */
  trustsEmail: boolean;
  /** Timeout of each request to the provider. */
  timeoutMs: number;
}
