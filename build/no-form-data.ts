/** Stands for the package form-data in the bundle: nothing here sends a form. */
export default class NoFormData {}
