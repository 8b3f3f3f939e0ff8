/** One column of a DataTable; its cell is the slot `cell-<key>`, given `{ row, index }`. */
export interface TableColumn {
  readonly key: string
  readonly label: string
  /** The label is for screen readers alone: what the cells hold speaks for itself. */
  readonly labelHidden?: boolean
  /** A track of CSS grid: "90px", "minmax(120px, 2fr)". */
  readonly width: string
  readonly align?: 'start' | 'end'
  readonly sortable?: boolean
}

export interface TableSort {
  readonly key: string
  readonly descending: boolean
}
