//! Turns a requested run into a job, and a result into derived DICOM objects.
