/** Mean of each feature, and 1 / its standard deviation; 0 for a constant feature, which then says nothing. */
export interface Standardisation {
  readonly mean: Float32Array
  readonly scale: Float32Array
}
