/* Rows one after the other. */
static inline teeter_matrix_f64 teeter_rows_f64(const double *data, size_t rows, size_t cols)
{
    teeter_matrix_f64 matrix = {data, rows, cols, cols, 1};
    return matrix;
}

/* Columns one after the other. A vector is a matrix of one column. */
static inline teeter_matrix_f64 teeter_columns_f64(const double *data, size_t rows, size_t cols)
{
    teeter_matrix_f64 matrix = {data, rows, cols, 1, rows};
    return matrix;
}

/* The transpose, in the same memory. */
static inline teeter_matrix_f64 teeter_t_f64(teeter_matrix_f64 a)
{
    teeter_matrix_f64 matrix = {a.data, a.cols, a.rows, a.col_stride, a.row_stride};
    return matrix;
}

/* Rows one after the other, to write. */
static inline teeter_matrix_mut_f64 teeter_rows_mut_f64(double *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f64 matrix = {data, rows, cols, cols, 1};
    return matrix;
}

/* Columns one after the other, to write. */
static inline teeter_matrix_mut_f64 teeter_columns_mut_f64(double *data, size_t rows, size_t cols)
{
    teeter_matrix_mut_f64 matrix = {data, rows, cols, 1, rows};
    return matrix;
}

/* A matrix to write, to read. */
static inline teeter_matrix_f64 teeter_read_f64(teeter_matrix_mut_f64 a)
{
    teeter_matrix_f64 matrix = {a.data, a.rows, a.cols, a.row_stride, a.col_stride};
    return matrix;
}
