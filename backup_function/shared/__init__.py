"""The backup engine that logger, function and restore job share.

The only editable original is `shared/` at the top of the repository; `deploy/vendor.py`
copies it into each job's folder, because a deployed job sees nothing outside its own.
"""
